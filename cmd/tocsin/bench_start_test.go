package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/storage/storagetest/grown"
)

// starts is how often the program is started.
const starts = 7

// BenchmarkP4 measures the program as it is shipped, on a database with a thousand
// open incidents: from the start of the process to the first yes of /readyz, the
// memory that it holds, what it does when nobody asks anything, and its size.
func BenchmarkP4(b *testing.B) {
	program := buildProgram(b)
	dir := b.TempDir()
	database := filepath.Join(dir, "tocsin.db")
	o := grown.Large(2000)
	o.Open = 1000
	if err := grown.Fill(b.Context(), database, o); err != nil {
		b.Fatal(err)
	}
	at := &bench{b: b}
	p := &shipped{b: b, program: program, environ: at.startSlack(dir, database)}
	// Nobody is to be nudged: a thousand incidents about which nobody says anything
	// would be work, and this is about none.
	quiet := filepath.Join(dir, "quiet.yaml")
	if err := os.WriteFile(quiet, []byte("severities: [{id: sev1, name: Critical}, {id: sev2, name: Major}, {id: sev3, name: Minor}]\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	p.environ = append(p.environ, "TOCSIN_CONFIG="+quiet)
	p.start() // the first one sets the clocks of all incidents
	p.stop()
	var ready borne
	var idle, memory float64
	for b.Loop() {
		for range starts {
			ready.each = append(ready.each, p.start())
			if len(ready.each)%starts != 0 {
				p.stop()
			}
		}
		idle = max(idle, p.idle())
		memory = max(memory, p.memory("VmRSS"))
		p.stop()
	}
	info, err := os.Stat(program)
	if err != nil {
		b.Fatal(err)
	}
	size := float64(info.Size()) / (1 << 20)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ready.p(50), "ready-ms")
	b.ReportMetric(memory, "MB")
	b.ReportMetric(idle, "idle-cpu-%")
	table.add(figure{"P4 start to ready, median", "< 300 ms", fmt.Sprintf("%.0f ms", ready.p(50)), "", ready.p(50) < 300})
	table.add(figure{"P4 memory, 1000 open incidents", "< 64 MB", fmt.Sprintf("%.0f MB", memory), "", memory < 64})
	table.add(figure{"P4 idle CPU", "< 0.5 %", fmt.Sprintf("%.2f %%", idle), "", idle < 0.5})
	table.add(figure{"P4 binary", "< 40 MB", fmt.Sprintf("%.1f MB", size), "", size < 40})
}

// buildProgram builds the program as make build does.
func buildProgram(b *testing.B) string {
	b.Helper()
	out := filepath.Join(b.TempDir(), "tocsin")
	cmd := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, text)
	}
	return out
}

// shipped is the program as a process.
type shipped struct {
	b       *testing.B
	program string
	environ []string
	cmd     *exec.Cmd
	said    bytes.Buffer
}

// start returns how long it took until the process was ready.
func (p *shipped) start() time.Duration {
	p.b.Helper()
	l, err := (&net.ListenConfig{}).Listen(p.b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		p.b.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	p.said.Reset()
	p.cmd = exec.Command(p.program, "serve") // its end is the benchmark's to choose
	p.cmd.Env, p.cmd.Stderr = append(slices.Clone(p.environ), "TOCSIN_LISTEN="+addr, "TOCSIN_LOG_LEVEL=error"), &p.said
	begin := time.Now()
	if err := p.cmd.Start(); err != nil {
		p.b.Fatal(err)
	}
	cmd := p.cmd
	p.b.Cleanup(func() { _ = cmd.Process.Kill() })
	for time.Since(begin) < time.Minute {
		if res, err := http.Get("http://" + addr + "/readyz"); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return time.Since(begin)
			}
		}
		pauseFor(p.b.Context(), time.Millisecond)
	}
	p.b.Fatalf("it does not get ready:\n%s", p.said.String())
	return 0
}

func (p *shipped) stop() {
	p.b.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.b.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		p.b.Fatalf("it did not end well: %v\n%s", err, p.said.String())
	}
}

// idle is what the process takes of a processor, in percent, once its start is over.
func (p *shipped) idle() float64 {
	p.b.Helper()
	pauseFor(p.b.Context(), 10*time.Second)
	before := p.ticks()
	const rest = 30 * time.Second
	pauseFor(p.b.Context(), rest)
	return float64(p.ticks()-before) / rest.Seconds() // hundredths of a second are percent of one
}

// ticks are the hundredths of a second that the process has had.
func (p *shipped) ticks() int64 {
	p.b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		p.b.Skip(err) // not on this system
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	var sum int64
	for _, f := range fields[11:13] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			p.b.Fatal(err)
		}
		sum += n
	}
	return sum
}

// memory is a line of the process's status, in MB.
func (p *shipped) memory(name string) float64 {
	p.b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.b.Skip(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			n, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err != nil {
				p.b.Fatal(err)
			}
			return n / 1024
		}
	}
	p.b.Fatalf("no %s", name)
	return 0
}
