package watch

import (
	"fmt"
	"time"
)

// Problems says what is wrong in one line each: databases that never worked and, where
// maxGap is not 0, outages that were longer and acknowledged writes that were lost.
func (r Report) Problems(maxGap time.Duration) []string {
	problems := []string{}
	for _, d := range r.Databases {
		switch whole := Duration(r.End.Sub(r.Begin)); {
		case d.Reads.Worked == 0:
			problems = append(problems, fmt.Sprintf("%s was unavailable for the whole %s", d.Name, whole))
			continue
		case !d.Worked():
			problems = append(problems, fmt.Sprintf("%s was unavailable for writes for the whole %s", d.Name, whole))
			continue
		case maxGap == 0:
			continue
		}
		if d.Longest() > maxGap {
			problems = append(problems, fmt.Sprintf("%s was unavailable for %s at a time, more than %s", d.Name, Duration(d.Longest()), maxGap))
		}
		if d.Lost > 0 {
			problems = append(problems, fmt.Sprintf("%s lost %d of %d acknowledged writes", d.Name, d.Lost, d.Writes.Worked))
		}
		if d.Unchecked {
			problems = append(problems, d.Name+" may have lost acknowledged writes: the last ones could not be read back")
		}
	}
	return problems
}
