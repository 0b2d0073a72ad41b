package main

import (
	_ "embed"
	"strings"
	"text/template"

	"github.com/alecthomas/kong"
)

// manCmd prints the manual page, which releases bring along.
type manCmd struct{}

//go:embed man.1.tmpl
var manText string

// manPage has no date but that of the source: two builds of a release are the same.
var manPage = template.Must(template.New("man.1").Funcs(template.FuncMap{
	"lines": func(text string) string { return troff.Replace("\n" + text)[1:] },
	"title": strings.ToUpper,
}).Parse(manText))

// troff writes text that troff prints as it is. A dot or a quote begins a request where
// it begins a line.
var troff = strings.NewReplacer(`\`, `\e`, "-", `\-`, "\n.", "\n\\&.", "\n'", "\n\\&'")

// Run prints the page.
func (c *manCmd) Run(env *Env, parser *kong.Kong) error {
	about, rest, _ := strings.Cut(parser.Model.Help, "\n")
	return manPage.Execute(env.Stdout, map[string]any{
		"About": strings.TrimSuffix(about, "."), "Description": strings.TrimSpace(rest),
		"Program": parser.Model, "Date": date, "Version": versionText(), "Commands": parser.Model.Leaves(true),
	})
}
