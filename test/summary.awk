# Shortens `go test -v`: a line a package, everything that a package printed when it
# failed, and at the end what was skipped, how often and why.
{ printed[++lines] = $0 }
/: skipped: / {
  sub(/^.*: skipped: /, "")
  reasons[$0]++
  skipped++
}
/^(ok|\?)[ \t]/ { print; fflush() }
/^FAIL[ \t]/ { show() }
/^(ok|\?|FAIL)[ \t]/ { lines = 0; failed = 0 }
/FAIL|panic/ { failed = lines }
END {
  if (failed) show()
  if (skipped) printf "%d skipped:\n", skipped
  for (r in reasons) printf "  %d x %s\n", reasons[r], r
}

function show(  i) {
  for (i = 1; i <= lines; i++) print printed[i]
  fflush()
}
