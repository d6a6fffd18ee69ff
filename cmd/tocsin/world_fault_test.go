package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

func parseFault(s string) (f fakeslack.Fault, err error) {
	words := strings.Fields(s)
	if len(words) == 0 {
		return f, errors.New("fault: which method?")
	}
	f.Method = words[0]
	for _, word := range words[1:] {
		key, value, _ := strings.Cut(word, "=")
		var e error
		switch key {
		case "error":
			f.Error = value
		case "times":
			f.Times, e = strconv.Atoi(value)
		case "status":
			f.Status, e = strconv.Atoi(value)
		case "retry":
			f.RetryAfter, e = strconv.Atoi(value)
		case "hang":
			f.Hang = true
		case "drop":
			f.DropAfterCommit = true
		default:
			e = fmt.Errorf("fault: what is %s?", word)
		}
		err = errors.Join(err, e)
	}
	return f, err
}
