// Package archtest holds the house rules as tests: who may import whom (floors), that every package says what it is for,
// that files stay readable and that a shelf holds one thing a file. It has no code for the product.
package archtest
