module hive/bench/load

go 1.25
