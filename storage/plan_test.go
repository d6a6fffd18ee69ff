package storage

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// generatedQueries returns the SQL of package db by name, but for what SQLite does
// not understand.
func generatedQueries(t *testing.T) map[string]string {
	t.Helper()
	out := queriesOf(t, "db/*.sql.go")
	for name := range queriesOf(t, "db/postgres.sql.go") {
		delete(out, name)
	}
	return out
}

func queriesOf(t *testing.T, pattern string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no generated files: %v", err)
	}
	out := map[string]string{}
	for _, f := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), f, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
				if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
					out[spec.Names[0].Name], _ = strconv.Unquote(lit.Value)
				}
			}
			return true
		})
	}
	return out
}

// TestQueryPlans walks through every query: none may read a whole table that
// grows, with the exceptions that are named here.
func TestQueryPlans(t *testing.T) {
	allowed := map[string]string{
		"listTokens": "SCAN tokens USING INDEX sqlite_autoindex_tokens_1", // an admin's list, as long as the install has tokens
		"nextWake":   "SCAN lanes USING COVERING INDEX lanes_wake",        // its first row
		"freeLanes":  "SCAN lanes",                                        // once at the start
		// Ends with the first row, but for those whom only a click of theirs made known.
		"anyPersonSynced": "SCAN people",
		// Once a night and once for each incident that is purged; it is short.
		"listOver":        "SCAN j USING INDEX jobs_outbox",
		"purgeFailedJobs": "SCAN jobs USING INDEX jobs_outbox",
		// Each from its newest on, as many as are shown.
		"listRollbacks":     "SCAN r USING INDEX sqlite_autoindex_rollbacks_2",
		"listLiveRollbacks": "SCAN r USING INDEX rollbacks_live",
		"listDeploys":       "SCAN deploys USING INDEX deploys_at",
		// No table: those entries that match, from the newest below a number on.
		"searchEvents": "SCAN s VIRTUAL TABLE INDEX 192:M1<",
	}
	s := openTest(t)
	for name, text := range generatedQueries(t) {
		plan := explain(t, s, text)
		for _, step := range plan {
			if strings.HasPrefix(step, "SCAN ") && step != "SCAN CONSTANT ROW" && !strings.HasPrefix(step, "SCAN (") && step != allowed[name] {
				t.Errorf("%s reads a whole table: %s", name, strings.Join(plan, "; "))
			}
		}
		delete(allowed, name)
	}
	if len(allowed) > 0 {
		t.Errorf("exceptions for queries that do not exist: %v", allowed)
	}
}

// TestSinceStartsFromTheTime shows that a list of what is recent does not walk
// all numbers to find that the rest is older.
func TestSinceStartsFromTheTime(t *testing.T) {
	plan := strings.Join(explain(t, openTest(t), generatedQueries(t)["listIncidentsSince"]), "; ")
	if !strings.Contains(plan, "COVERING INDEX incidents_declared (declared_at>?)") {
		t.Errorf("plan: %s", plan)
	}
}

// TestListsAreOrdered shows that the lists that every page shows come out of
// an index in their order, so that they cost what they show.
func TestListsAreOrdered(t *testing.T) {
	s := openTest(t)
	queries := generatedQueries(t)
	for _, name := range []string{
		"listIncidents", "listOpenIncidents", "listPublishedIncidents", "listOwedIncidents", "listEvents", "listLastEvents", "listTimeline", "listLastTimeline",
		"listOutbox", "getHead", "startHead", "claimLanes",
		"listRollbacks", "listRollbacksOfIncident", "listRollbacksOfService", "listRollbacksOfKey", "listLiveRollbacks",
		"listDeploys", "listDeploysIn", "listDeploysOf", "listDeploysOfIn",
		"listFollowUps", "listOpenFollowUps", "listFollowUpsOfIncident", "listFollowUpsOfOwner", "listFollowUpsOfIssue",
		"listRemindersOfIncident", "listRemindersOf", "listWaitingRemindersOf",
		"searchEvents",
	} {
		plan := strings.Join(explain(t, s, queries[name]), "; ")
		if plan == "" || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s sorts: %s", name, plan)
		}
	}
}

// TestListsStartFromWhatIsAsked shows that what a list is asked for, index and
// all, is where it starts from.
func TestListsStartFromWhatIsAsked(t *testing.T) {
	s := openTest(t)
	queries := generatedQueries(t)
	for name, want := range map[string]string{
		"listRollbacksOfIncident": "SEARCH r USING INDEX rollbacks_incident (incident=?)",
		"listRollbacksOfService":  "SEARCH r USING INDEX rollbacks_service (service=? AND environment=?)",
		"listRollbacksOfKey":      "SEARCH r USING INDEX rollbacks_key (lock_key=?)",
		"listDeploysIn":           "SEARCH deploys USING INDEX deploys_environment (environment=?)",
		"listDeploysOf":           "SEARCH deploys USING INDEX deploys_service (service=?)",
		"listDeploysOfIn":         "SEARCH deploys USING INDEX deploys_place (service=? AND environment=?)",
		"listOwedIncidents":       "SEARCH i USING INDEX incidents_owed (number<?)",
		"listFollowUps":           "SEARCH f USING INDEX sqlite_autoindex_followups_1 (number>?)",
		"listOpenFollowUps":       "SEARCH f USING INDEX followups_open (number>?)",
		"listFollowUpsOfIncident": "SEARCH f USING INDEX followups_incident (incident=? AND number>?)",
		"listFollowUpsOfOwner":    "SEARCH f USING INDEX followups_owner (owner=? AND number>?)",
		"listFollowUpsOfIssue":    "SEARCH f USING INDEX followups_issue (repo_key=? AND issue=?)",
		"listRemindersOfIncident": "SEARCH r USING INDEX reminders_incident (incident=?)",
		"listRemindersOf":         "SEARCH r USING INDEX reminders_user (user_id=?)",
		"listWaitingRemindersOf":  "SEARCH r USING INDEX reminders_waiting (user_id=?)",
	} {
		if plan := explain(t, s, queries[name]); len(plan) == 0 || plan[0] != want {
			t.Errorf("%s: %s, want %s", name, strings.Join(plan, "; "), want)
		}
	}
}

func explain(t *testing.T, s *Store, text string) (steps []string) {
	t.Helper()
	args := make([]any, 0, 20)
	for n := 1; strings.Contains(text, fmt.Sprintf("$%d", n)); n++ {
		args = append(args, nil)
	}
	rows, err := lite(s).writer.conn.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+text, args...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}

func openTest(t testing.TB) *Store {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "tocsin.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// lite is the open file of a store that has one.
func lite(s *Store) *sqlite { return s.engine.(*sqlite) }
