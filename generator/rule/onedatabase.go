package rule

import (
	"strings"
)

// oneDatabaseRules are about a spec that forgot the databases.
var oneDatabaseRules = []Rule{
	{
		Name: "all-in-one-database", Subject: OfBoth, Allowable: true,
		Requires: "the databases of 3scale are not all one database of one server",
		Reason:   "jobs, statistics and messages would mix, and what empties one empties all",
		checkSpec: func(p *specPass) {
			if !p.allInOne() {
				return
			}
			var names []string
			for _, d := range p.Databases {
				names = append(names, d.Name)
			}
			last := len(names) - 1
			p.hinted(p.Databases[last].DB.Place, "give each a db of its own",
				"%s and %s are all database %d of one server", strings.Join(names[:last], ", "), names[last], p.Databases[0].DB.Value)
		},
	},
}

// allInOne reports whether all databases of the release are the same one. The
// rules on two of them then have nothing to add.
func (p *specPass) allInOne() bool {
	if p.Profile.SingleDB || len(p.Databases) < 2 {
		return false
	}
	first := p.Databases[0]
	for _, d := range p.Databases {
		if d.Host.Value == "" && d.MasterGroup.Value == "" || !first.Plain().SameDatabase(d.Plain()) {
			return false
		}
	}
	return true
}
