package manifest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExpanded(t *testing.T) {
	const in = `a: &list
- {name: X, value: &v x}
b: *list
c: &base
  image: i
  env: *list
d:
  <<: *base
  image: own
e:
  <<: [*base, {image: late, more: *v}]
`
	const want = `a:
- {name: X, value: x}
b:
- {name: X, value: x}
c:
  image: i
  env:
  - {name: X, value: x}
d:
  image: own
  env:
  - {name: X, value: x}
e:
  image: i
  env:
  - {name: X, value: x}
  more: x
`
	docs, err := ReadDocuments("in.yaml", []byte(in))
	if err != nil {
		t.Fatal(err)
	}
	n, err := NewReader(MaxValues).Expanded(docs[0])
	if err != nil {
		t.Fatal(err)
	}
	got, err := Encode(n)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

// TestReader_aliases: the limit holds for all that one Reader reads.
func TestReader_aliases(t *testing.T) {
	text := []byte("kind: A\nmetadata: {name: x}\na: &a [" + strings.Repeat("x,", 900) + "]\nb: [" + strings.Repeat("*a,", 90) + "]\n")
	r := NewReader(MaxValues)
	if _, err := r.Read("in.yaml", text); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read("in.yaml", text); err == nil {
		t.Error("a second file expands as much again")
	}
	document := append([]byte("---\n"), text...)
	if _, err := Read("in.yaml", append(document, document...)); err == nil {
		t.Error("a second document expands as much again")
	}
}

func TestRead_aliasBomb(t *testing.T) {
	var b strings.Builder
	b.WriteString("kind: Bomb\nmetadata: {name: x}\n")
	b.WriteString("a0: &a0 [x, x]\n")
	for i := range 40 {
		fmt.Fprintf(&b, "a%d: &a%d [*a%d, *a%d]\n", i+1, i+1, i, i)
	}
	if _, err := Read("in.yaml", []byte(b.String())); err == nil {
		t.Error("an alias bomb expands")
	}
	for _, self := range []string{"kind: &a [*a]\n", "kind: &a {a: 1, <<: *a}\n", "? &a [*a]\n: 1\n"} {
		if _, err := Read("in.yaml", []byte(self)); err == nil {
			t.Errorf("an anchor that contains itself expands: %s", self)
		}
	}
}
