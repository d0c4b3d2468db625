import { expect, test } from "bun:test";
import { needsOwnFrontend } from "../../src/buildkit/dockerfile-syntax.ts";

test.each([
  ["FROM scratch", false],
  ["# syntax=docker/dockerfile:1", false],
  ["# syntax=docker/dockerfile", false],
  ["#syntax = docker.io/docker/dockerfile:1.7.2", false],
  ["# SYNTAX=docker/dockerfile:latest", false],
  ["# escape=`\n# syntax=docker/dockerfile:1", false],
  ["# a comment\n# syntax=example/frontend", false],
  ["FROM scratch\n# syntax=example/frontend", false],
  ["# syntax=docker/dockerfile:1-labs", true],
  ["# syntax=docker/dockerfile:2", true],
  ["# syntax=docker/dockerfile-upstream:master", true],
  ["# syntax=docker/dockerfile:1@sha256:0000", true],
  ["# syntax=example.org/docker/dockerfile:1", true],
  ["# check=skip=all\r\n# syntax=example/frontend:v1 --flag\r\n", true],
  ["#!/usr/bin/env build\n# syntax=example/frontend", true],
  ["\uFEFF# syntax=example/frontend", true],
  ["// syntax=example/frontend", true],
])("needsOwnFrontend(%j) is %p", (text, expected) => {
  expect(needsOwnFrontend(new TextEncoder().encode(text))).toBe(expected);
});
