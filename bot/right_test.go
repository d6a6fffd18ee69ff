package bot

import "testing"

func TestMay(t *testing.T) {
	t.Parallel()
	s := Defaults()
	s.Permissions = DefaultPermissions()
	s.Permissions[RightRollback] = []string{"S0ONCALL"}
	s.Permissions[RightApprove] = []string{"U0GUEST"}
	s.Permissions[RightAdmin] = []string{"U0BOSS"}
	i := &Incident{Roles: map[string]UserID{Commander: "U0ANA", "comms": "U0BEN"}}
	people := map[string]Person{
		"anybody": {ID: "U0ANY"}, "commander": {ID: "U0ANA"}, "comms": {ID: "U0BEN"}, "admin": {ID: "U0BOSS"}, "on call": {ID: "U0ONC"},
		"guest": {ID: "U0GST", Guest: true}, "named guest": {ID: "U0GUEST", Guest: true}, "external": {ID: "U0EXT", External: true},
		"app": {ID: "U0APP", Bot: true}, "left": {ID: "U0BOSS", Deleted: true}, "guest commander": {ID: "U0ANA", Guest: true},
		"unknown": {ID: "U0NEW", Unknown: true}, "unknown commander": {ID: "U0ANA", Unknown: true}, "named unknown": {ID: "U0GUEST", Unknown: true},
		"before the first contact": {ID: "U0NEW", Unread: true}, "commander before it": {ID: "U0ANA", Unread: true},
		"on call before it": {ID: "U0ONC", Unread: true}, "admin before it": {ID: "U0BOSS", Unread: true}, "named before it": {ID: "U0GUEST", Unread: true},
	}
	groups := map[string][]GroupID{"on call": {"S0ONCALL"}, "on call before it": {"S0ONCALL"}}
	want := map[string][]Right{
		"anybody":         {RightNone, RightDeclare, RightRespond},
		"commander":       {RightNone, RightDeclare, RightRespond, RightPublish, RightBreakGlass},
		"comms":           {RightNone, RightDeclare, RightRespond, RightPublish},
		"admin":           {RightNone, RightDeclare, RightRespond, RightPublish, RightAdmin},
		"on call":         {RightNone, RightDeclare, RightRespond, RightRollback},
		"guest":           {},
		"named guest":     {RightNone, RightApprove},
		"external":        {},
		"app":             {},
		"left":            {},
		"guest commander": {},

		"unknown":                  {},
		"unknown commander":        {},
		"named unknown":            {RightNone, RightApprove},
		"before the first contact": {RightNone, RightDeclare, RightRespond},
		"commander before it":      {RightNone, RightDeclare, RightRespond, RightPublish},
		"on call before it":        {RightNone, RightDeclare, RightRespond},
		"admin before it":          {RightNone, RightDeclare, RightRespond, RightPublish, RightAdmin},
		"named before it":          {RightNone, RightDeclare, RightRespond, RightApprove},
	}
	for name, p := range people {
		held := map[Right]bool{}
		for _, r := range want[name] {
			held[r] = true
		}
		for _, r := range append(Rights(), RightNone) {
			if got := s.May(r, p, groups[name], i); got != held[r] {
				t.Errorf("%s: May(%q) = %v, want %v", name, r, got, held[r])
			}
		}
	}
}

func TestRollbackApproveAndAdminBelongToNobodyUntilNamed(t *testing.T) {
	t.Parallel()
	s := Defaults()
	i := &Incident{Roles: map[string]UserID{Commander: "U0ANA", "comms": "U0ANA"}}
	for _, r := range []Right{RightRollback, RightApprove, RightAdmin} {
		if s.May(r, Person{ID: "U0ANA"}, []GroupID{"S0ALL"}, i) {
			t.Errorf("%s is held out of the box", r)
		}
	}
	if s.May(RightPublish, Person{ID: ""}, nil, &Incident{}) {
		t.Error("nobody holds a role that nobody has")
	}
}

func TestParseSeverity(t *testing.T) {
	t.Parallel()
	s := Defaults()
	for in, want := range map[string]string{
		"sev1": "sev1", "SEV-1": "sev1", "Sev 2": "sev2", "p3": "sev3", "P1": "sev1", "critical": "sev1", "Minor": "sev3",
		"sev9": "", "p4": "", "1": "sev1", "severe": "", "": "",
	} {
		got, ok := s.ParseSeverity(in)
		if got.ID != want || ok != (want != "") {
			t.Errorf("ParseSeverity(%q) = %q %v, want %q", in, got.ID, ok, want)
		}
	}
	for word, is := range map[string]bool{"sev9": true, "SEV-12": true, "p7": true, "p": false, "service": false, "several": false, "php7": false, "sev": false} {
		if LooksLikeSeverity(word) != is {
			t.Errorf("LooksLikeSeverity(%q) = %v", word, !is)
		}
	}
}

func TestSimilarTitles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Checkout is down", "checkout down!", true},
		{"Checkout is down", "Checkout down for EU customers", true},
		{"Checkout down in EU", "EU checkout is down", true},
		{"Login slow", "Checkout slow", false},
		{"Database", "database", true},
		{"!!!", "???", false},
	} {
		if got := similar(c.a, c.b); got != c.want {
			t.Errorf("similar(%q, %q) = %v", c.a, c.b, got)
		}
	}
}
