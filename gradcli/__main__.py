"""`python -m gradcli`: the command line without its script."""

from gradcli.cli import main

if __name__ == "__main__":
    main()
