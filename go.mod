module github.com/thingward/thingward

go 1.26
