from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='CacheTrust',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('generation', models.CharField(blank=True, max_length=16)),
                ('state', models.CharField(max_length=8)),
                ('run', models.CharField(blank=True, max_length=64)),
                ('floor', models.BigIntegerField(default=0)),
            ],
            options={
                'verbose_name_plural': 'cache trust',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='cache_trust_is_one_row')],
            },
        ),
    ]
