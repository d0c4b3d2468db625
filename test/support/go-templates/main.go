// Renders the cases of a JSON file with Go's text/template and sprig, and prints what came out as JSON.
//
//	go run . ../../template/golden/cases.json > ../../template/golden/expected.json
//
// A case is [template] or [template, data]; without data it gets the file's "data". The data is a struct at its root, as
// hive's is; an integer is an int, any other number a float64.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/Masterminds/sprig/v3"
)

type file struct {
	Now    time.Time           `json:"now"`
	Data   json.RawMessage     `json:"data"`
	Groups map[string][]string `json:"groups"`
}

// The place is what Go says: a line from 1, a column in bytes from 0; syntax errors have no column.
type outcome struct {
	Template string  `json:"template"`
	Text     *string `json:"text,omitempty"`
	Error    string  `json:"error,omitempty"`
	Line     int     `json:"line,omitempty"`
	Column   *int    `json:"column,omitempty"`
}

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(path string) error {
	bytes, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var cases file
	if err := json.Unmarshal(bytes, &cases); err != nil {
		return err
	}
	root, err := readRoot(cases.Data)
	if err != nil {
		return err
	}
	expected := map[string][]outcome{}
	for name, templates := range cases.Groups {
		for _, text := range templates {
			expected[name] = append(expected[name], render(text, root(), cases.Now))
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	return encoder.Encode(expected)
}

var placed = regexp.MustCompile(`(?s)^template: t:(\d+)(?::(\d+))?: (.*)$`)

func render(text string, root any, now time.Time) (result outcome) {
	fail := func(message string) outcome {
		match := placed.FindStringSubmatch(message)
		if match == nil {
			return outcome{Template: text, Error: message}
		}
		line, _ := strconv.Atoi(match[1])
		failed := outcome{Template: text, Error: shorten(match[3]), Line: line}
		if column, err := strconv.Atoi(match[2]); err == nil {
			failed.Column = &column
		}
		return failed
	}
	functions := sprig.TxtFuncMap()
	functions["now"] = func() time.Time { return now }
	functions["resolve_base"] = func(name, tag string) string { return "__hive__/" + name + ":" + tag }
	parsed, err := template.New("t").Funcs(functions).Parse(text)
	if err != nil {
		return fail(err.Error())
	}
	var out strings.Builder
	if err := parsed.Execute(&out, root); err != nil {
		return fail(err.Error())
	}
	rendered := out.String()
	return outcome{Template: text, Text: &rendered}
}

// The type of the root is long, and no two programs write it alike.
func shorten(message string) string {
	before, _, found := strings.Cut(message, "struct {")
	if found {
		return before + "struct"
	}
	return message
}

// readRoot makes a struct type of the object's keys; each call gives a fresh value, as templates may change maps.
func readRoot(raw json.RawMessage) (func() any, error) {
	decode := func() (map[string]any, error) {
		decoder := json.NewDecoder(strings.NewReader(string(raw)))
		decoder.UseNumber()
		var data map[string]any
		err := decoder.Decode(&data)
		return data, err
	}
	data, err := decode()
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(data))
	for name := range data {
		names = append(names, name)
	}
	sort.Strings(names)
	fields := []reflect.StructField{}
	for _, name := range names {
		fieldType := reflect.TypeOf(numbers(data[name]))
		if fieldType == nil {
			fieldType = reflect.TypeOf((*any)(nil)).Elem()
		}
		fields = append(fields, reflect.StructField{Name: name, Type: fieldType})
	}
	structType := reflect.StructOf(fields)
	return func() any {
		fresh, _ := decode()
		value := reflect.New(structType).Elem()
		for _, name := range names {
			if field := numbers(fresh[name]); field != nil {
				value.FieldByName(name).Set(reflect.ValueOf(field))
			}
		}
		return value.Interface()
	}, nil
}

func numbers(value any) any {
	switch value := value.(type) {
	case json.Number:
		if whole, err := strconv.Atoi(value.String()); err == nil {
			return whole
		}
		float, _ := value.Float64()
		return float
	case map[string]any:
		for key, inner := range value {
			value[key] = numbers(inner)
		}
		return value
	case []any:
		for index, inner := range value {
			value[index] = numbers(inner)
		}
		return value
	default:
		return value
	}
}
