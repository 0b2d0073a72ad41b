# Shortens `go test -v`: a line a package, everything that a package printed when it
# failed, and at the end what was skipped, how often and why.
{ package = package $0 "\n" }
/: skipped: / {
  sub(/^.*: skipped: /, "")
  reasons[$0]++
  skipped++
}
/^(ok|\?)[ \t]/ { print; fflush() }
/^FAIL[ \t]/ { printf "%s", package; fflush() }
/^(ok|\?|FAIL)[ \t]/ { package = "" }
END {
  if (package ~ /FAIL|panic/) printf "%s", package
  if (skipped) printf "%d skipped:\n", skipped
  for (r in reasons) printf "  %d x %s\n", reasons[r], r
}
