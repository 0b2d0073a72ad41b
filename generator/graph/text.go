package graph

import "strings"

// cells is the width of a character in those of a Latin letter, rather more than less.
func cells(r rune) int {
	if r < 0x1100 {
		return 1
	}
	return 2
}

// fitting is how many characters fit into a width in cells; one does always.
func fitting(runes []rune, width int) int {
	for i, r := range runes {
		if width -= cells(r); width < 0 {
			return max(i, 1)
		}
	}
	return len(runes)
}

// wrap breaks a text into lines of at most a width in cells: at a blank, else behind a
// mark between the parts of a name, else anywhere.
func wrap(text string, width int) []string {
	runes := []rune(text)
	var lines []string
	for n := fitting(runes, width); n < len(runes); n = fitting(runes, width) {
		at := breakIn(runes[:n+1])
		lines = append(lines, strings.TrimRight(string(runes[:at]), " "))
		for runes = runes[at:]; len(runes) > 0 && runes[0] == ' '; {
			runes = runes[1:]
		}
	}
	return append(lines, string(runes))
}

// breakIn is where the next line begins in what is one character too long.
func breakIn(runes []rune) int {
	for i := len(runes) - 1; i > 0; i-- {
		if runes[i] == ' ' {
			return i
		}
	}
	for i := len(runes) - 1; i > 0; i-- {
		if strings.ContainsRune(".:/_-,", runes[i-1]) {
			return i
		}
	}
	return len(runes) - 1
}

// short wraps a name. Of one that needs more lines the last one shows the end.
func short(text string, width, lines int) []string {
	wrapped := wrap(text, width)
	if len(wrapped) <= lines {
		return wrapped
	}
	end := []rune(text)
	for fitting(end, width-cells('…')) < len(end) {
		end = end[1:]
	}
	return append(wrapped[:lines-1], "…"+string(end))
}
