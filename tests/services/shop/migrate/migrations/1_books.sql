CREATE TABLE books (title TEXT NOT NULL);
INSERT INTO books (title) VALUES ('Middlemarch');
