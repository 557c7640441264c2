// A WASI command in Go for `cargo xtask real`: goroutines and channels, maps, sorting, formatting, generics, panics.
package main

import (
	"bufio"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"sort"
	"strings"
	"sync"
	"time"
)

type item struct {
	Name  string
	Count int
	Parts map[string]float64
}

func fold[T, A any](values []T, start A, step func(A, T) A) A {
	for _, v := range values {
		start = step(start, v)
	}
	return start
}

func words(text string) []item {
	counts := map[string]int{}
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r < 'a' }) {
		counts[w]++
	}
	items := make([]item, 0, len(counts))
	for w, n := range counts {
		items = append(items, item{w, n, map[string]float64{"sqrt": math.Sqrt(float64(n)), "len": float64(len(w))}})
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

// garbage makes work for the collector.
func garbage(n int) int {
	type node struct {
		next *node
		data [64]byte
	}
	length := 0
	for i := 0; i < n; i++ {
		var list *node
		for j := 0; j < 1000; j++ {
			list = &node{next: list}
			list.data[j&63] = byte(i)
		}
		for p := list; p != nil; p = p.next {
			length++
		}
	}
	return length
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	var text strings.Builder
	for in.Scan() {
		text.WriteString(in.Text() + "\n")
	}
	for _, it := range words(text.String()) {
		fmt.Printf("%-12q %3d %v\n", it.Name, it.Count, it.Parts)
	}
	total := fold(words(text.String()), 0, func(a int, it item) int { return a + it.Count })
	fmt.Printf("%d words, crc %08x\n", total, crc32.ChecksumIEEE([]byte(text.String())))
	fmt.Println("pipeline", pipeline(1000), "garbage", garbage(200))
	fmt.Printf("%+v %#v %8.3f %e %g\n", item{Name: "x"}, []int{1, 2}, math.Pi, math.MaxFloat64, math.Inf(-1))
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
