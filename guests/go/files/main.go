// A WASI command in Go that works on the folder that its first argument names.
package main

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func say(what string, err error) {
	switch {
	case err == nil:
		fmt.Println(what+":", "ok")
	case os.IsNotExist(err):
		fmt.Println(what+":", "does not exist")
	case os.IsExist(err):
		fmt.Println(what+":", "exists")
	default:
		fmt.Println(what+":", "failed")
	}
}

func main() {
	root := os.Args[1]
	at := func(parts ...string) string { return filepath.Join(append([]string{root}, parts...)...) }

	say("MkdirAll", os.MkdirAll(at("a", "b"), 0o755))
	say("Mkdir", os.Mkdir(at("a"), 0o755))
	say("WriteFile", os.WriteFile(at("a", "one"), []byte("one\ntwo\nthree\n"), 0o644))
	text, err := os.ReadFile(at("a", "one"))
	say("ReadFile", err)
	fmt.Printf("  %q\n", text)
	_, err = os.ReadFile(at("none"))
	say("ReadFile", err)

	file, err := os.OpenFile(at("a", "log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	say("OpenFile", err)
	for i := range 5 {
		fmt.Fprintf(file, "line %d\n", i)
	}
	say("Sync", file.Sync())
	say("Close", file.Close())

	file, err = os.Open(at("a", "log"))
	say("Open", err)
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		fmt.Println(" ", strings.ToUpper(scanner.Text()))
	}
	at4, err := file.Seek(5, io.SeekStart)
	say("Seek", err)
	buf := make([]byte, 4)
	n, err := file.ReadAt(buf, 7)
	say("ReadAt", err)
	fmt.Printf("  %d %d %q\n", at4, n, buf)
	file.Close()

	say("Truncate", os.Truncate(at("a", "log"), 6))
	info, err := os.Stat(at("a", "log"))
	say("Stat", err)
	fmt.Println(" ", info.Size(), info.Mode().IsRegular(), info.Name())
	when := time.Unix(1_000_000_007, 0)
	say("Chtimes", os.Chtimes(at("a", "log"), when, when))
	info, _ = os.Stat(at("a", "log"))
	fmt.Println(" ", info.ModTime().Equal(when))
	say("Rename", os.Rename(at("a", "log"), at("a", "b", "moved")))
	say("Link", os.Link(at("a", "one"), at("a", "two")))
	say("Symlink", os.Symlink("one", at("a", "link")))
	target, err := os.Readlink(at("a", "link"))
	say("Readlink", err)
	fmt.Println(" ", target)

	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		fmt.Println(" ", rel, entry.IsDir(), entry.Type()&fs.ModeSymlink != 0)
		return nil
	})
	say("WalkDir", err)
	say("Remove", os.Remove(at("a")))
	say("RemoveAll", os.RemoveAll(at("a")))
	entries, err := os.ReadDir(root)
	say("ReadDir", err)
	fmt.Println(" ", len(entries))
	_, err = os.Open("/etc/passwd")
	say("Open outside", err)
	_, err = os.Open(at("..", "..", "etc", "passwd"))
	say("Open above", err)
}
