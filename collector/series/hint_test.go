package series

import (
	"errors"
	"fmt"
	"testing"
)

func TestHintOf(t *testing.T) {
	plain := errors.New("no LUN")
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"none", nil, ""},
		{"plain", plain, ""},
		{"with one", WithHint(plain, "near: x"), "near: x"},
		{"below", fmt.Errorf("looking up: %w", WithHint(plain, "near: x")), "near: x"},
		{"the outer one counts", WithHint(fmt.Errorf("b: %w", WithHint(plain, "in")), "out"), "out"},
	} {
		if got := HintOf(tt.err); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	if WithHint(nil, "x") != nil {
		t.Error("no error became one")
	}
	if !errors.Is(WithHint(plain, "x"), plain) {
		t.Error("the hint hides the error")
	}
}
