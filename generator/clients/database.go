package clients

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// index is the path that says which database is meant, and nothing else.
var index = regexp.MustCompile(`^(?:/(?:0|[1-9][0-9]*)?)?$`)

// database takes the index of the database, and looks at what follows a ?.
func (to *URL) database(p program, from *uri) []Fault {
	path := value(from.path)
	switch {
	case p.does.Parser == releases.RedisClient:
		return to.integerDatabase(p, strings.TrimPrefix(path, "/"), path == "/", from.query)
	case p.does.DatabaseAsText && path != "" && (path == "/" || !index.MatchString(path)):
		return []Fault{p.fault(URLDatabase, Stops, "sends the path of the URL as the database, which the server refuses")}
	}
	var faults []Fault
	db, err := toInteger(strings.TrimPrefix(path, "/"))
	to.DB = db
	switch {
	case err != nil || db < 0:
		faults = append(faults, p.fault(URLDatabase, Stops, "cannot select the database of that index"))
	case !leadingDigits.MatchString(path):
		faults = append(faults, p.fault(URLDatabase, Misleads, "takes the path of the URL for database %d", db))
	}
	if from.query != "" {
		faults = append(faults, p.fault(URLQuery, Ignores, "ignores what stands after the ? in the URL"))
	}
	return faults
}

var leadingDigits = regexp.MustCompile(`^(?:/[0-9]*)?$`)

// integerDatabase does what redis-client does: Integer() of the path, or of the db
// of the query where the path is empty.
func (to *URL) integerDatabase(p program, text string, slash bool, query string) []Fault {
	if slash && p.does.SlashNeedsDatabase {
		return []Fault{p.fault(URLDatabase, Stops, "requires the index of a database after the / of the URL")}
	}
	var faults []Fault
	if query != "" {
		faults = append(faults, p.fault(URLQuery, Ignores, "looks for a db behind the ? of the URL, which other programs ignore"))
	}
	if text == "" {
		form, _ := url.ParseQuery(query)
		text = form.Get("db")
	}
	if text == "" {
		return faults
	}
	db, err := strconv.ParseInt(text, 0, 32)
	to.DB = int(db)
	switch {
	case err != nil || db < 0:
		faults = append(faults, p.fault(URLDatabase, Stops, "requires the index of a database as the path of the URL"))
	case !index.MatchString("/" + text):
		faults = append(faults, p.fault(URLDatabase, Misleads, "takes the path of the URL for database %d", db))
	}
	return faults
}

var leadingInteger = regexp.MustCompile(`^[+-]?[0-9]+(?:_[0-9]+)*`)

// toInteger does what Ruby's String#to_i does: the leading digits, else 0.
func toInteger(s string) (int, error) {
	digits := strings.ReplaceAll(leadingInteger.FindString(s), "_", "")
	if digits == "" {
		return 0, nil
	}
	return strconv.Atoi(digits)
}
