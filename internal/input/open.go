package input

import (
	"errors"
	"os"
	"regexp"
	"syscall"
)

// The errors for what is not a regular file.
var (
	ErrDirectory = errors.New("is a directory")
	// ErrSpecial is the error for a device, a socket, or a pipe that has a name.
	ErrSpecial = errors.New("must be a regular file, not a device, a pipe or a socket")
)

// openFlags let the open of a named pipe return at once, and not wait for a writer.
const openFlags = os.O_RDONLY | syscall.O_NONBLOCK

// descriptor matches the names of files that the process has open already.
// Shells make them of `<(command)`.
var descriptor = regexp.MustCompile(`^/(?:dev/stdin|(?:dev|proc/self)/fd/[0-9]+)$`)

// Open opens a regular file. A pipe is taken only where the path names an open
// file of the process: it has a writer, as standard input has, while anybody can
// put a named pipe where a file is looked for.
func Open(path string) (*os.File, error) {
	f, err := os.OpenFile(path, openFlags, 0)
	return checked(f, err, descriptor.MatchString(path))
}

// OpenIn opens a regular file below a root.
func OpenIn(root *os.Root, name string) (*os.File, error) {
	f, err := root.OpenFile(name, openFlags, 0)
	return checked(f, err, false)
}

// checked closes what is not a regular file. The check is one of the open file: its
// path may lead elsewhere by now.
func checked(f *os.File, err error, pipes bool) (*os.File, error) {
	if errors.Is(err, syscall.ENXIO) {
		return nil, ErrSpecial // a socket
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = ErrDirectory
	case info.Mode().IsRegular(), pipes && info.Mode().Type() == os.ModeNamedPipe:
		return f, nil
	default:
		err = ErrSpecial
	}
	_ = f.Close()
	return nil, err
}
