package main

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestAnswer(t *testing.T) {
	for text, want := range map[string]bool{"y\n": true, "Yes \n": true, "\n": false, "n\n": false, "yesterday\n": false, "": false, "y": true} {
		if got, err := answer(t.Context(), strings.NewReader(text)); got != want || err != nil {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if yes, err := answer(ended, forever{}); yes || !errors.Is(err, context.Canceled) {
		t.Errorf("after a signal: %v, %v", yes, err)
	}
}

// forever is a terminal at which nobody types.
type forever struct{}

func (forever) Read([]byte) (int, error) { select {} }
