"""Sound as numbers: conversion, resampling, containers. Knows nothing of HTTP, of engines or of time."""
