package template

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// The characters of OpenShift's expressions, in the order in which a range
// counts them: a-Z and a-9 are ranges, A-z is none.
const (
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits  = "0123456789"
	symbols = "~!@#$%^&*()-_+={}[]\\|<,>.?/\"';:`"
)

// expression is a set of characters and how many of them: [a-zA-Z0-9]{8}.
var expression = regexp.MustCompile(`\[([a-zA-Z0-9\-\\]+)\]\{([0-9]+)\}`)

// maxLength is the most characters that OpenShift makes from one expression.
const maxLength = 255

// Generate makes a value from an expression such as "[a-z0-9]{8}", as OpenShift
// does (library-go, pkg/template/generator): \d are digits, \a letters and
// digits, \w those and _, \A symbols; text around the brackets stays. Every
// character of a set is equally likely. OpenShift's generator leaves the last
// character of a range out; this one does not.
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
		return "", errors.New("must be an expression such as [a-zA-Z0-9]{8}")
	}
	value.WriteString(from[rest:])
	return value.String(), nil
}

// alphabet gives the characters that stand between the brackets, each once.
func alphabet(set string) (string, error) {
	var chars string
	for set != "" {
		var more string
		switch {
		case set[0] == '\\':
			if len(set) > 1 {
				more = map[byte]string{'w': letters + digits + "_", 'd': digits, 'a': letters + digits, 'A': symbols}[set[1]]
			}
			if more == "" {
				return "", errors.New(`a \ must be followed by w, d, a or A`)
			}
			set = set[2:]
		case len(set) > 2 && set[1] == '-':
			first, last := strings.IndexByte(letters+digits, set[0]), strings.IndexByte(letters+digits, set[2])
			if first < 0 || last < first {
				return "", errors.New("a range must go from a lower to a higher letter or digit")
			}
			more, set = (letters + digits)[first:last+1], set[3:]
		case set[0] == '-':
			return "", errors.New("a - must stand between two letters or digits")
		default:
			more, set = set[:1], set[1:]
		}
		for _, c := range more {
			if !strings.ContainsRune(chars, c) {
				chars += string(c)
			}
		}
	}
	return chars, nil
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
