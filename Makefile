.PHONY: build test lint format
build:
	swift build -c release --product segfed
test:
	swift test -c release
lint:
	swift format lint --strict -r Sources Tests Package.swift
format:
	swift format -i -r Sources Tests Package.swift
