package kustomize_test

import (
	"os"
	"syscall"
)

// maxRSS is the most memory that a process had, in bytes, as Linux counts it.
func maxRSS(p *os.ProcessState) int64 {
	usage, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return usage.Maxrss << 10
}
