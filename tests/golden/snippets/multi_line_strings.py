import torch
text = """first
second"""
print(text)
print('''a
b''')
print("con" "cat" 'ed')
print("tab\tnew\\n \'q\' \"dq\" \x41 \u00e9")
print(r"raw\n")
s = ("a"
     "b")
print(s, len(s), s[0], s[-1], s[::-1])
print("-" * 20)
print("=" * 5 + ">")
print('it''s')
