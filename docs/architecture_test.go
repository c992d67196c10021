package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestArchitectureNames: each package, file, function, method and type that
// architecture.md names exists.
func TestArchitectureNames(t *testing.T) {
	declared := declaredNames(t)
	names := 0
	for _, m := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(page(t, "architecture.md"), -1) {
		name := m[1]
		switch {
		case notOurs(name):
			continue
		case strings.Contains(name, "/"), strings.HasSuffix(name, ".yaml"), declared[name+"."]:
			if _, err := os.Stat(filepath.Join("..", name)); err != nil {
				t.Errorf("architecture.md names %s: %v", name, err)
			}
		case !declared[name]:
			t.Errorf("architecture.md names %s, which is declared nowhere", name)
		}
		names++
	}
	if names < 50 {
		t.Errorf("only %d names found", names)
	}
}

// notOurs are words in backticks that name nothing in the code.
func notOurs(name string) bool {
	switch name {
	case "package.Function", "plot.Plot", "report.json", "index.html", "/proc/diskstats", "AwaitLimits":
		return true
	}
	return strings.HasPrefix(name, "lunstat ") || strings.HasPrefix(name, "--")
}

// declaredNames are the names of all packages ("series."), functions and types
// ("series.Close"), and methods ("series.Interval.IOPS").
func declaredNames(t *testing.T) map[string]bool {
	t.Helper()
	names := make(map[string]bool)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		names[file.Name.Name+"."] = true
		for _, d := range file.Decls {
			addNames(names, file.Name.Name+".", d)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func addNames(names map[string]bool, room string, decl ast.Decl) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv != nil {
			room += receiver(d.Recv.List[0].Type) + "."
		}
		names[room+d.Name.Name] = true
	case *ast.GenDecl:
		for _, s := range d.Specs {
			spec, ok := s.(*ast.TypeSpec)
			if !ok {
				continue
			}
			names[room+spec.Name.Name] = true
			if i, ok := spec.Type.(*ast.InterfaceType); ok {
				for _, method := range i.Methods.List {
					for _, name := range method.Names {
						names[room+spec.Name.Name+"."+name.Name] = true
					}
				}
			}
		}
	}
}

// receiver is the name of a method's type, with or without a pointer.
func receiver(e ast.Expr) string {
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	if name, ok := e.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}
