package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/threescale-redis/threescale-redis/generator/probe/watch"
	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// fileFlag is a file, never an empty name.
type fileFlag string

// UnmarshalText implements encoding.TextUnmarshaler.
func (f *fileFlag) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return errors.New("must name a file")
	}
	*f = fileFlag(text)
	return nil
}

// picture is a file that is written as a whole, or not at all.
type picture struct {
	// name is what the user says, path where it leads.
	name, path string
	temp       *os.File
}

// open finds out that a picture can be written, before anything is measured for it. It
// replaces a picture of an earlier run, or an empty file, and nothing else.
func (f fileFlag) open() (*picture, error) {
	p := &picture{name: string(f), path: string(f)}
	if f == "" {
		return p, nil
	}
	if target, err := filepath.EvalSymlinks(p.path); err == nil {
		p.path = target
	} else if info, err := os.Lstat(p.path); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return nil, p.refuse("is a symbolic link that leads nowhere")
	}
	dir := filepath.Dir(p.path)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, p.refuse("its directory must exist")
	}
	if err := p.mayBeReplaced(); err != nil {
		return nil, err
	}
	var err error
	p.temp, err = os.CreateTemp(dir, "."+filepath.Base(p.path)+".*")
	return p, p.issue(err)
}

func (p *picture) refuse(message string) error {
	return diag.Issues{{Pos: diag.Position{File: p.name}, Message: message}}
}

// issue is an error about the picture, and not about the file that becomes it.
func (p *picture) issue(err error) error {
	if err == nil {
		return nil
	}
	return diag.Issues{fileIssue(p.name, err)}
}

// mayBeReplaced refuses a file that is something else.
func (p *picture) mayBeReplaced() error {
	info, err := os.Stat(p.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return p.issue(err)
	case !info.Mode().IsRegular():
		return p.refuse("must be a regular file")
	case info.Size() == 0:
		return nil
	}
	old, err := os.Open(p.path)
	if err != nil {
		return p.issue(err)
	}
	defer old.Close()
	head := make([]byte, len(watch.SVGMark))
	if _, err := io.ReadFull(old, head); err != nil || !bytes.Equal(head, []byte(watch.SVGMark)) {
		return diag.Issues{{
			Pos: diag.Position{File: p.name}, Message: "is in the way and was not made by " + program,
			Hint: "move it, or name another file",
		}}
	}
	return nil
}

// write puts the picture in place.
func (p *picture) write(data []byte) error {
	if p.temp == nil {
		return nil
	}
	_, err := p.temp.Write(data)
	if err = errors.Join(err, p.temp.Chmod(fileMode), p.temp.Close()); err == nil {
		err = os.Rename(p.temp.Name(), p.path)
	}
	return p.issue(err)
}

// close removes what write has not put in place.
func (p *picture) close() {
	if p.temp != nil {
		_ = p.temp.Close()
		_ = os.Remove(p.temp.Name())
	}
}
