package outdir

import "golang.org/x/sys/unix"

// exchange makes each of two paths lead to what the other one has led to, in one
// step.
func exchange(a, b string) error {
	return unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
}
