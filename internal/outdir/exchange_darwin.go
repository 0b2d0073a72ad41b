package outdir

import "golang.org/x/sys/unix"

// exchange makes each of two paths lead to what the other one has led to, in one
// step.
func exchange(a, b string) error { return unix.RenamexNp(a, b, unix.RENAME_SWAP) }
