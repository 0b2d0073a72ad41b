//go:build !linux && !darwin

package outdir

import "io/fs"

func exchange(_, _ string) error { return errInPlace }

func sameOwner(_, _ fs.FileInfo) bool { return false }
