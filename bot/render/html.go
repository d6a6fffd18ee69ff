package render

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/tocsin-dev/tocsin/bot"
)

// HTML turns Markdown that anybody may have written into HTML that is safe to
// show.
func HTML(markdown string) string { return HTMLBelow(markdown, 0) }

// HTMLBelow is HTML under a heading of the page around it: of the document's
// headings the second level, which its sections have, comes next below level (0:
// headings stay as they are), and none stands higher.
func HTMLBelow(markdown string, level int) string {
	md, source := dialect(), []byte(bot.Clean(markdown))
	doc := md.Parser().Parse(text.NewReader(source))
	if level > 0 {
		lower(doc, level)
	}
	var b bytes.Buffer
	_ = md.Renderer().Render(&b, source, doc) // fails only where the writer or one of ours does; none does
	return b.String()
}

// dialect is CommonMark with GitHub's additions, drawn as this package allows.
func dialect() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone)),
			extension.Strikethrough,
			extension.NewLinkify(extension.WithLinkifyAllowedProtocols([]string{"http:", "https:"})),
		),
		goldmark.WithRendererOptions(
			html.WithHardWraps(),
			renderer.WithNodeRenderers(util.Prioritized(strict{}, 100)), // before goldmark's own, which has 1000
		),
	)
}

func lower(doc ast.Node, level int) {
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok {
			h.Level = min(max(h.Level, 2)+level-1, 6)
		}
		if n.Type() == ast.TypeBlock {
			lower(n, level)
		}
	}
}

// strict draws what goldmark would draw too freely.
type strict struct{}

// RegisterFuncs implements [renderer.NodeRenderer].
func (strict) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindLink, drawLink)
	r.Register(ast.KindImage, drawImage)
	r.Register(ast.KindAutoLink, drawAddress)
	r.Register(ast.KindRawHTML, drawRaw)
	r.Register(ast.KindHTMLBlock, drawBlock)
}

const anchorEnd = "</a>"

func anchor(to string) string {
	return `<a href="` + string(util.EscapeHTML([]byte(to))) + `" rel="nofollow noopener noreferrer">`
}

// target is where a link of n may lead; empty: nowhere. Links hold no links.
func target(n ast.Node, destination []byte) string {
	for p := n.Parent(); p != nil; p = p.Parent() {
		if p.Kind() == ast.KindLink || p.Kind() == ast.KindImage {
			return ""
		}
	}
	to := string(util.URLEscape(destination, true))
	if !leads(to) {
		return ""
	}
	return to
}

func drawLink(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	to := target(node, node.(*ast.Link).Destination)
	switch {
	case to == "":
	case entering:
		_, _ = w.WriteString(anchor(to))
	default:
		_, _ = w.WriteString(anchorEnd)
	}
	return ast.WalkContinue, nil
}

// drawImage links to an image by its description, or its address if it has none.
func drawImage(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	n := node.(*ast.Image)
	to := target(n, n.Destination)
	if entering {
		if to != "" {
			_, _ = w.WriteString(anchor(to))
		}
		if !n.HasChildren() {
			_, _ = w.Write(util.EscapeHTML(util.URLEscape(n.Destination, true)))
		}
	} else if to != "" {
		_, _ = w.WriteString(anchorEnd)
	}
	return ast.WalkContinue, nil
}

// drawAddress draws an address that stands for itself.
func drawAddress(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n := node.(*ast.AutoLink)
	destination, label := string(n.URL(source)), util.EscapeHTML(n.Label(source))
	if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(destination), "mailto:") {
		destination = "mailto:" + destination
	}
	to := target(n, []byte(destination))
	if to != "" {
		_, _ = w.WriteString(anchor(to))
	}
	_, _ = w.Write(label)
	if to != "" {
		_, _ = w.WriteString(anchorEnd)
	}
	return ast.WalkContinue, nil
}

// drawRaw shows HTML within a line as text.
func drawRaw(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		n := node.(*ast.RawHTML)
		for k := range n.Segments.Len() {
			segment := n.Segments.At(k)
			_, _ = w.Write(util.EscapeHTML(segment.Value(source)))
		}
	}
	return ast.WalkSkipChildren, nil
}

// drawBlock shows HTML that is a paragraph of its own as text, line by line.
func drawBlock(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n := node.(*ast.HTMLBlock)
	var lines [][]byte
	for k := range n.Lines().Len() {
		line := n.Lines().At(k)
		lines = append(lines, line.Value(source))
	}
	if n.HasClosure() {
		lines = append(lines, n.ClosureLine.Value(source))
	}
	body := bytes.TrimSpace(bytes.Join(lines, nil))
	_, _ = w.WriteString("<p>")
	_, _ = w.Write(bytes.ReplaceAll(util.EscapeHTML(body), []byte("\n"), []byte("<br>\n")))
	_, _ = w.WriteString("</p>\n")
	return ast.WalkContinue, nil
}

// contained closes what markdown leaves open, so that what follows it in a
// document is not swallowed. What nothing closes is written as it was typed.
func contained(markdown string) string {
	p := dialect().Parser()
	if stands(p, markdown) {
		return markdown
	}
	longestOf := func(c byte) string { return strings.Repeat(string(c), max(longest(markdown, c), 3)) }
	for _, end := range []string{longestOf('`'), longestOf('~'), "-->", "?>", "]]>", ">", "</script>", "</pre>", "</style>", "</textarea>"} {
		if closed := markdown + "\n" + end; stands(p, closed) {
			return closed
		}
	}
	return bot.EscapeMarkdown(markdown)
}

// stands reports whether a heading behind markdown would be one.
func stands(p parser.Parser, markdown string) bool {
	doc := p.Parse(text.NewReader([]byte(markdown + "\n\n## x\n")))
	last, ok := doc.LastChild().(*ast.Heading)
	return ok && last.Level == 2
}
