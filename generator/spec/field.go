package spec

import (
	"strings"

	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// Place is where something stands in a spec. What is not said has a path of its
// own too, and the position of the key of the nearest parent that is given:
// there it is missing.
type Place struct {
	Path string
	Pos  diag.Position
}

// Below reports whether the place is below another one.
func (p Place) Below(parent Place) bool { return strings.HasPrefix(p.Path, parent.Path+".") }

// Issue is an error at the place.
func (p Place) Issue(message string) diag.Issue {
	return diag.Issue{Pos: p.Pos, Path: p.Path, Message: message}
}

// Issues are those of an error that knows no place, at this one.
func (p Place) Issues(err error) diag.Issues {
	var issues diag.Issues
	for _, i := range diag.From(err) {
		i.Pos, i.Path = p.Pos, p.Path
		issues = append(issues, i)
	}
	return issues
}

// Field is a value of a spec and its place. The parser fills the place of every
// Field, said or not, so that whoever judges a value can point to it.
type Field[T any] struct {
	Place
	Value T
	// Said says that the spec has the value; else it is zero.
	Said bool
}

// List is a list whose items have places of their own.
type List[T any] = Field[[]Field[T]]

// Or is the field, or the other one where only that is said.
func (f Field[T]) Or(other Field[T]) Field[T] {
	if !f.Said && other.Said {
		return other
	}
	return f
}

// ValueOr is the value, or the default where none is said.
func (f Field[T]) ValueOr(standard T) T {
	if f.Said {
		return f.Value
	}
	return standard
}

// place sets everything but the value, and returns a pointer to that.
func (f *Field[T]) place(at Place, said bool) any {
	f.Place, f.Said = at, said
	return &f.Value
}

// where is the place, and whether a value is said there.
func (f Field[T]) where() (Place, bool) { return f.Place, f.Said }

// placed is a *Field of any type.
type placed interface {
	place(at Place, said bool) any
}
