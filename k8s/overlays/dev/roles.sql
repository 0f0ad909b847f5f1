-- The roles and the database of docs/configuration.md. psql runs this file once, as a superuser.
\getenv owner_password OWNER_PASSWORD
\getenv server_password SERVER_PASSWORD
CREATE ROLE identity_app NOLOGIN;
CREATE ROLE identity_owner LOGIN CREATEROLE PASSWORD :'owner_password';
CREATE ROLE identity_server LOGIN PASSWORD :'server_password' IN ROLE identity_app;
CREATE DATABASE identity OWNER identity_owner;
