// Package cls holds what evaluates CLS, cloud services.
package cls
