module example.invalid/ssh-agent-probe

go 1.26
