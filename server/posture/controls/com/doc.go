// Package com holds what evaluates COM, communications.
package com
