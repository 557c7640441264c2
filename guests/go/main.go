// A WASI command in Go for `cargo xtask real`: goroutines, maps, sorting, reflection, big numbers, text and JSON.
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"os"
	"regexp"
	"sort"
	"strings"
	"sync"
	"time"
)

type item struct {
	Name  string             `json:"name"`
	Count int                `json:"count"`
	Parts map[string]float64 `json:"parts,omitempty"`
}

func words(text string) []item {
	counts := map[string]int{}
	for _, w := range regexp.MustCompile(`[a-z]+`).FindAllString(strings.ToLower(text), -1) {
		counts[w]++
	}
	items := make([]item, 0, len(counts))
	for w, n := range counts {
		items = append(items, item{Name: w, Count: n, Parts: map[string]float64{"sqrt": math.Sqrt(float64(n))}})
	}
	sort.Slice(items, func(i, j int) bool {
		return items[i].Count > items[j].Count || items[i].Count == items[j].Count && items[i].Name < items[j].Name
	})
	return items
}

func pipeline(n int) int {
	numbers, squares := make(chan int), make(chan int, 4)
	go func() {
		for i := 0; i < n; i++ {
			numbers <- i
		}
		close(numbers)
	}()
	var group sync.WaitGroup
	for range 3 {
		group.Add(1)
		go func() {
			defer group.Done()
			for x := range numbers {
				squares <- x * x
			}
		}()
	}
	go func() { group.Wait(); close(squares) }()
	sum := 0
	for s := range squares {
		sum += s
	}
	return sum
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	var text strings.Builder
	for in.Scan() {
		text.WriteString(in.Text() + "\n")
	}
	out, err := json.MarshalIndent(words(text.String()), "", " ")
	if err != nil {
		panic(err)
	}
	fmt.Println(string(out))
	fmt.Println("pipeline", pipeline(1000))
	f := big.NewInt(1)
	for i := int64(2); i <= 60; i++ {
		f.Mul(f, big.NewInt(i))
	}
	fmt.Println("60! =", f)
	fmt.Printf("%x\n", sha256.Sum256([]byte(text.String())))
	start := time.Now()
	time.Sleep(2 * time.Millisecond)
	fmt.Println("slept", time.Since(start) >= 2*time.Millisecond, "args", os.Args[1:])
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		var empty []int
		fmt.Println(empty[len(os.Args)])
	}()
	fmt.Fprintln(os.Stderr, "done")
	os.Exit(4)
}
