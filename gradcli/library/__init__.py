"""What names mean before a program assigns any: functions, methods, namespaces, derivatives."""
