package main

import (
	"io"
	"net/url"
	"path/filepath"

	"github.com/threescale-redis/threescale-redis/generator/rule"
	"github.com/threescale-redis/threescale-redis/internal/diag"
)

// The objects of a SARIF 2.1.0 log, as far as code scanning shows them.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string     `json:"id"`
		Short   sarifText  `json:"shortDescription"`
		Full    sarifText  `json:"fullDescription"`
		Default sarifLevel `json:"defaultConfiguration"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifResult struct {
		Rule         string             `json:"ruleId"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	}
	sarifSuppression struct {
		Kind string `json:"kind"`
	}
	sarifLocation struct {
		Physical struct {
			Artifact struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
			Region *sarifRegion `json:"region,omitempty"`
		} `json:"physicalLocation"`
	}
	sarifRegion struct {
		Line   int `json:"startLine"`
		Column int `json:"startColumn"`
	}
)

// mistake is the rule of an issue that has none.
const mistake = "input"

// sarif prints a log with one run. All rules are in it, broken or not.
func (f findings) sarif(out io.Writer) error {
	run := sarifRun{Results: []sarifResult{}, Tool: sarifTool{sarifDriver{Name: program, Version: versionText()}}}
	run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
		ID: mistake, Short: sarifText{"the input can be read and is complete"}, Full: sarifText{"what cannot be read is not rendered"}, Default: sarifLevel{"error"},
	})
	for _, r := range rule.All() {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
			ID: r.Name, Short: sarifText{r.Requires}, Full: sarifText{r.Requires + ": " + r.Reason}, Default: sarifLevel{r.Level.String()},
		})
	}
	for _, i := range f.issues {
		run.Results = append(run.Results, sarifOf(i))
	}
	return printJSON(out, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func sarifOf(i diag.Issue) sarifResult {
	uri := (&url.URL{Path: filepath.ToSlash(i.Pos.File)}).String()
	i = i.Printable()
	result := sarifResult{Rule: i.Rule, Level: i.Severity.String(), Message: sarifText{i.Message}}
	if result.Rule == "" {
		result.Rule = mistake
	}
	if i.Path != "" {
		result.Message.Text = i.Path + ": " + i.Message
	}
	if i.Hint != "" {
		result.Message.Text += "\n" + i.Hint
	}
	if i.Accepted {
		result.Suppressions = []sarifSuppression{{"inSource"}}
	}
	var at sarifLocation
	at.Physical.Artifact.URI = uri
	if i.Pos.Line > 0 {
		at.Physical.Region = &sarifRegion{i.Pos.Line, i.Pos.Column}
	}
	result.Locations = []sarifLocation{at}
	return result
}
