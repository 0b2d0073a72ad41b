package template

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/threescale-redis/threescale-redis/internal/diag"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// The characters of OpenShift's expressions, in the order in which a range
// counts them: a-Z and a-9 are ranges, A-z is none.
const (
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits  = "0123456789"
	symbols = "~!@#$%^&*()-_+={}[]\\|<,>.?/\"';:`"
)

var (
	// expression is a set of characters and how many of them: [a-zA-Z0-9]{8}.
	expression = regexp.MustCompile(`\[([a-zA-Z0-9\-\\]+)\]\{([0-9]+)\}`)
	// ranges and classes are the sets that OpenShift reads as they are written.
	// It refuses [abc] and [a-z\d], and reads [\da-z] as \a.
	ranges  = regexp.MustCompile(`^([a-zA-Z0-9]-[a-zA-Z0-9])+$`)
	classes = regexp.MustCompile(`^(\\[wdaA])+$`)
)

// maxLength is the most characters that OpenShift makes from one expression.
const maxLength = 255

// Generated makes a value for each parameter that `oc process` would generate.
// All expressions that are not understood are reported in one run.
func (t *Template) Generated(random io.Reader) (map[string]string, error) {
	made := map[string]string{}
	var issues diag.Issues
	for i, p := range t.Parameters {
		if _, unused := t.withoutEffect(p.Name); unused || !p.generated() {
			continue
		}
		value, err := Generate(p.From, random)
		if err != nil {
			item := t.parameters.Content[i]
			at := manifest.Field(item, "from")
			if at == nil {
				at = item
			}
			issues = append(issues, diag.Issue{
				Pos: manifest.Position(t.File, at), Path: "parameters." + p.Name, Message: err.Error(),
				Hint: "choose a value yourself and put it into the parameter file",
			})
		}
		made[p.Name] = value
	}
	return made, issues.Err()
}

// Generate makes a value from an expression such as "[a-z0-9]{8}", out of the
// characters that OpenShift picks from (library-go, pkg/template/generator): a
// range is without its last character, \d are digits, \a letters and digits, \w
// those and _, \A symbols; text around the brackets stays. Every character is
// equally likely. An expression that OpenShift refuses, or reads otherwise than
// it is written, is an error, and so is one that makes the same value every time.
func Generate(from string, random io.Reader) (string, error) {
	var value strings.Builder
	rest := 0
	for _, m := range expression.FindAllStringSubmatchIndex(from, -1) {
		value.WriteString(from[rest:m[0]])
		rest = m[1]
		set, err := alphabet(from[m[2]:m[3]])
		if err != nil {
			return "", err
		}
		length, err := strconv.Atoi(from[m[4]:m[5]])
		if err != nil || length < 1 || length > maxLength {
			return "", fmt.Errorf("the length must be 1 to %d", maxLength)
		}
		if err := pick(&value, set, length, random); err != nil {
			return "", err
		}
	}
	if rest == 0 {
		return "", errors.New("from must be an expression such as [a-zA-Z0-9]{8}: OpenShift would take it as the value itself")
	}
	value.WriteString(from[rest:])
	return value.String(), nil
}

// alphabet returns the characters of a set, each once.
func alphabet(set string) (string, error) {
	var chars strings.Builder
	add := func(more string) {
		for _, c := range more {
			if !strings.ContainsRune(chars.String(), c) {
				chars.WriteRune(c)
			}
		}
	}
	switch {
	case classes.MatchString(set):
		for _, class := range strings.Split(set, `\`)[1:] {
			add(map[string]string{"w": letters + digits + "_", "d": digits, "a": letters + digits, "A": symbols}[class])
		}
	case ranges.MatchString(set):
		for ; set != ""; set = set[3:] {
			first, last := strings.IndexByte(letters+digits, set[0]), strings.IndexByte(letters+digits, set[2])
			if last < first {
				return "", fmt.Errorf("the range %s must go from a lower to a higher letter or digit", set[:3])
			}
			add((letters + digits)[first:last])
		}
	default:
		return "", fmt.Errorf(`[%s] must be ranges such as a-z0-9, or \w, \d, \a or \A: OpenShift reads anything else otherwise`, set)
	}
	if chars.Len() < 2 {
		return "", errors.New("a range must have three characters or more: OpenShift leaves out the last one")
	}
	return chars.String(), nil
}

// pick appends characters of a set. A byte that would favour the first ones is
// thrown away and drawn again.
func pick(to *strings.Builder, set string, length int, random io.Reader) error {
	fair := 256 - 256%len(set)
	for drawn := make([]byte, 1); length > 0; {
		if _, err := io.ReadFull(random, drawn); err != nil {
			return fmt.Errorf("random bytes: %w", err)
		}
		if b := int(drawn[0]); b < fair {
			to.WriteByte(set[b%len(set)])
			length--
		}
	}
	return nil
}
