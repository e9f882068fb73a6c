insert into problem_profile (version_id, profile) values (1, '{"classes": []}');
