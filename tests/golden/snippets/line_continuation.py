total = 1 + \
    2 + \
    3
print(total)
value = (1 +
         2
         + 3)
print(value)
lst = [
    1,
    2,
    3,
]
print(lst)
def f(
    a,
    b=2,
):
    return a + b
print(f(
    1,
))
if (total == 6 and
        value == 6):
    print("both")
