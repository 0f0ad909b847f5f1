package identity

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// An object of JSON. Names are exact; the values are those that encoding/json puts into an any.
type object map[string]any

// Reads JSON as RFC 8259 defines it, in UTF-8. It refuses an object that has a name twice.
func readObject(text []byte) (object, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	value, err := readValue(decoder)
	if err != nil {
		return nil, err
	}
	result, isObject := value.(object)
	if _, err := decoder.Token(); !isObject || err != io.EOF {
		return nil, errors.New("not one object of JSON")
	}
	return result, nil
}

func readValue(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	switch {
	case err != nil:
		return nil, err
	case token == json.Delim('{'):
		return readMembers(decoder)
	case token == json.Delim('['):
		return readItems(decoder)
	}
	return token, nil
}

func readMembers(decoder *json.Decoder) (object, error) {
	result := object{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		name := token.(string)
		if _, has := result[name]; has {
			return nil, fmt.Errorf("the name %q is there twice", name)
		}
		if result[name], err = readValue(decoder); err != nil {
			return nil, err
		}
	}
	_, err := decoder.Token() // the brace
	return result, err
}

func readItems(decoder *json.Decoder) ([]any, error) {
	var result []any
	for decoder.More() {
		item, err := readValue(decoder)
		if err != nil {
			return nil, err
		}
		result = append(result, item)
	}
	_, err := decoder.Token() // the bracket
	return result, err
}

// Nil: there is no such member, or it is malformed.
func (o object) bytes(name string) []byte {
	text, _ := o[name].(string)
	bytes, err := decodeBase64URL(text)
	if err != nil {
		return nil
	}
	return bytes
}

// Takes values out of an object. The first one that is missing or malformed is the error.
type memberReader struct {
	object object
	err    error
}

func (r *memberReader) fail(name string) {
	if r.err == nil {
		r.err = fmt.Errorf("%s is missing or malformed", name)
	}
}

func (r *memberReader) text(name string) string {
	text, _ := r.object[name].(string)
	if text == "" {
		r.fail(name)
	}
	return text
}

// Empty: the object has no such member.
func (r *memberReader) optionalText(name string) string {
	value, has := r.object[name]
	text, isText := value.(string)
	if has && !isText {
		r.fail(name)
	}
	return text
}

const latestTime = 253_402_300_799 // the end of the year 9999

func (r *memberReader) time(name string) time.Time {
	seconds, isNumber := r.object[name].(float64)
	if !isNumber || seconds < 0 || seconds > latestTime {
		r.fail(name)
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0)
}

// Base64url without padding (RFC 7515, section 2). It refuses every text that is not the only encoding of its bytes.
func decodeBase64URL(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") { // which encoding/base64 skips
		return nil, errors.New("not base64url")
	}
	return base64.RawURLEncoding.Strict().DecodeString(text)
}
