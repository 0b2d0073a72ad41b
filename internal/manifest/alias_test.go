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
	n, err := Expanded(docs[0])
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
	if _, err := Read("in.yaml", []byte("kind: &a [*a]\n")); err == nil {
		t.Error("an anchor that contains itself expands")
	}
}
