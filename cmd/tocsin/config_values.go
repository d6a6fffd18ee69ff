package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/tocsin-dev/tocsin/bot"
)

const (
	wantChannel = "the name or the id of a channel"
	wantRepo    = "a repository, OWNER/NAME"
)

// Forms of things that have one. Slack's are from its API reference: slash
// commands have at most 32 characters, channel names at most 80.
var (
	formID      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$`)
	formRole    = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`)
	formCommand = regexp.MustCompile(`^/[a-z0-9_-]{1,31}$`)
	formChannel = regexp.MustCompile(`^[\p{Ll}\p{Lo}\p{N}_-]{1,80}$`)
	formRepo    = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}$`)
	formLogin   = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38})(?:\[bot\])?$`)
	formHole    = regexp.MustCompile(`\{[^{}]*\}`)
)

func checkAnything(s string) (string, error) {
	if s == "" {
		return "", errors.New("it is empty")
	}
	return s, nil
}

// checkLabel reads a short text that people are shown.
func checkLabel(s string) (string, error) {
	switch clean := strings.TrimSpace(bot.Clean(s)); {
	case clean == "":
		return "", errors.New("it is empty")
	case clean != s:
		return "", fmt.Errorf("%s holds control characters or white space at an end", quote(s))
	case utf8.RuneCountInString(s) > 200:
		return "", fmt.Errorf("%s is longer than 200 characters", quote(s))
	}
	return s, nil
}

func matching(form *regexp.Regexp, rule string) func(string) (string, error) {
	return func(s string) (string, error) {
		if !form.MatchString(s) {
			return "", fmt.Errorf("%s %s", quote(s), rule)
		}
		return s, nil
	}
}

func checkID(s string) (string, error) {
	return matching(formID, "is no id; use up to 40 letters, digits, dots, _ and -, and put how it should read into name")(s)
}

// checkRoleID also refuses the words that mean something else where a role can
// stand.
func checkRoleID(s string) (string, error) {
	if slices.Contains([]string{"everyone", "admin", "none"}, s) {
		return "", fmt.Errorf("%s has a meaning of its own and cannot be a role", quote(s))
	}
	return matching(formRole, "is no role's id; use up to 40 lower-case letters, digits, _ and -, and put how it should read into name")(s)
}

func checkCommand(s string) (string, error) {
	hint := ""
	if bare := "/" + strings.ToLower(strings.TrimLeft(s, "/")); bare != s && !looksSecret(s) && formCommand.MatchString(bare) {
		hint = fmt.Sprintf("; did you mean %q?", bare)
	}
	return matching(formCommand, "is no slash command; it needs a / and up to 31 lower-case letters, digits, _ and -"+hint)(s)
}

// checkChannel reads a channel's id, or its name with or without the #.
func checkChannel(s string) (string, error) {
	if (strings.HasPrefix(s, "C") || strings.HasPrefix(s, "G")) && bot.IsUserID("U"+s) {
		return s, nil
	}
	return matching(formChannel, "is no channel; write its name in lower case, such as incidents, or its id, such as C024BE91L")(strings.TrimPrefix(s, "#"))
}

// checkChannelOrNone also takes the empty text, which turns it off.
func checkChannelOrNone(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	return checkChannel(s)
}

func checkGroup(s string) (string, error) {
	if !bot.IsGroupID(s) {
		return "", fmt.Errorf("%s is no user group's id; Slack shows it in the group's menu under Copy group ID, such as S0614TZR7", quote(s))
	}
	return s, nil
}

func checkRepo(s string) (string, error) {
	if rest, ok := strings.CutPrefix(s, "https://github.com/"); ok && formRepo.MatchString(rest) && !looksSecret(rest) {
		return "", fmt.Errorf("%s is an address; did you mean %q?", quote(s), rest)
	}
	if strings.HasSuffix(s, "/.") || strings.HasSuffix(s, "/..") {
		return "", fmt.Errorf("%s is no repository; write OWNER/NAME", quote(s))
	}
	return matching(formRepo, "is no repository; write OWNER/NAME")(s)
}

// checkPattern reads the pattern of channel names. It must hold the number,
// which is what keeps two names apart.
func checkPattern(s string) (string, error) {
	holes := []string{"{number}", "{title}", "{date}", "{severity}"}
	for _, hole := range formHole.FindAllString(s, -1) {
		if !slices.Contains(holes, hole) {
			return "", fmt.Errorf("%s is not filled in%s", quote(hole), suggest(hole, holes))
		}
	}
	if !strings.Contains(s, "{number}") {
		return "", fmt.Errorf("%s lacks {number}, without which two incidents could not be told apart", quote(s))
	}
	if fixed := formHole.ReplaceAllString(s, ""); fixed != "" && (!formChannel.MatchString(fixed) || len(fixed) > 40) {
		return "", fmt.Errorf("%s: beside the parts in braces use up to 40 lower-case letters, digits, _ and -", quote(s))
	}
	return s, nil
}

// checkCall reads the URL of a call, in which {number} may stand.
func checkCall(s string) (string, error) {
	for _, hole := range formHole.FindAllString(s, -1) {
		if hole != "{number}" {
			return "", fmt.Errorf("%s is not filled in%s", quote(hole), suggest(hole, []string{"{number}"}))
		}
	}
	u, err := url.Parse(strings.ReplaceAll(s, "{number}", "1"))
	if err != nil || u.Hostname() == "" || u.User != nil || !slices.Contains([]string{"https", "http", "zoommtg", "msteams"}, u.Scheme) {
		return "", fmt.Errorf("%s is no web address; write it as https://HOST/PATH", quote(s))
	}
	return s, nil
}

func (r *reader) zone(to **time.Location) set {
	return func(n *yaml.Node, what string) {
		const wanted = "a time zone such as Europe/Berlin"
		s, ok := r.scalar(n, what, wanted)
		if !ok {
			return
		}
		loc, err := time.LoadLocation(s)
		if err != nil || s == "" || s == "Local" {
			r.fault(n, "%s: there is no time zone %s%s", what, quote(s), suggestZone(s))
			return
		}
		*to = loc
	}
}

// suggestZone finds the zone that was meant: the same words in the usual
// spelling, a city without its continent, or one of the common ones.
func suggestZone(s string) string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == ' ' || r == '_' })
	for i, w := range words {
		parts := strings.Split(w, "/")
		for j, p := range parts {
			if p != "" {
				parts[j] = strings.ToUpper(p[:1]) + p[1:]
			}
		}
		words[i] = strings.Join(parts, "/")
	}
	spelled := strings.Join(words, "_")
	for _, area := range []string{"", "America/", "Europe/", "Asia/", "Australia/", "Africa/", "Pacific/", "Atlantic/"} {
		if spelled == "" || spelled == "Local" {
			break
		}
		if loc, err := time.LoadLocation(area + spelled); err == nil {
			return fmt.Sprintf("; did you mean %q?", loc)
		}
	}
	zones := strings.Fields(commonZones)
	best := slices.MinFunc(zones, func(a, b string) int { return cmp.Compare(distance(s, a), distance(s, b)) })
	if near(s, best) {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	return "; use an IANA name such as UTC, America/New_York or Europe/Berlin"
}

// commonZones are the names that typing errors are compared with; every IANA
// name is accepted.
const commonZones = `UTC America/New_York America/Chicago America/Denver America/Phoenix America/Los_Angeles America/Toronto
America/Vancouver America/Halifax America/Mexico_City America/Bogota America/Lima America/Santiago America/Sao_Paulo
America/Argentina/Buenos_Aires Europe/London Europe/Dublin Europe/Lisbon Europe/Paris Europe/Berlin Europe/Madrid
Europe/Rome Europe/Amsterdam Europe/Brussels Europe/Zurich Europe/Vienna Europe/Prague Europe/Warsaw Europe/Stockholm
Europe/Oslo Europe/Copenhagen Europe/Helsinki Europe/Athens Europe/Kyiv Europe/Bucharest Europe/Istanbul Asia/Jerusalem
Asia/Dubai Asia/Karachi Asia/Kolkata Asia/Dhaka Asia/Bangkok Asia/Jakarta Asia/Singapore Asia/Hong_Kong Asia/Shanghai
Asia/Taipei Asia/Seoul Asia/Tokyo Asia/Manila Australia/Perth Australia/Brisbane Australia/Adelaide Australia/Sydney
Australia/Melbourne Pacific/Auckland Pacific/Honolulu Africa/Cairo Africa/Johannesburg Africa/Lagos Africa/Nairobi`
