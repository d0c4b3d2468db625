// Reads metrics as Prometheus does: text on stdin, "name value" of every series on stdout.
// What the parser or the linter of Prometheus finds wrong goes to stderr, with exit code 1.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

func main() {
	text, err := io.ReadAll(os.Stdin)
	check(err)
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	check(err)
	problems, err := promlint.New(bytes.NewReader(text)).Lint()
	check(err)
	for _, problem := range problems {
		fmt.Fprintf(os.Stderr, "%s: %s\n", problem.Metric, problem.Text)
	}
	if len(problems) > 0 {
		os.Exit(1)
	}
	samples, err := expfmt.ExtractSamples(&expfmt.DecodeOptions{}, values(families)...)
	check(err)
	for _, sample := range samples {
		fmt.Printf("%s %s\n", sample.Metric, sample.Value)
	}
}

func values[K comparable, V any](m map[K]V) []V {
	list := make([]V, 0, len(m))
	for _, v := range m {
		list = append(list, v)
	}
	return list
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
